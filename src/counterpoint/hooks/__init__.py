"""Records of trainings that other libraries run: one module a library, under that library's name.

`counterpoint.torch`, `counterpoint.keras`, `counterpoint.lightning`, `counterpoint.transformers`.
Each imports its library, which nothing else here does, and writes with `counterpoint.record`.
"""
