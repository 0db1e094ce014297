"""Tables of predictions in: several models' probabilities of the same rows."""

from counterpoint.data.predictions.aligned import Predictions, aligned
from counterpoint.data.predictions.blocks import BlockReader, blocks_of
from counterpoint.data.predictions.tables import Roles, Table, as_table

__all__ = ["BlockReader", "Predictions", "Roles", "Table", "aligned", "as_table", "blocks_of"]
