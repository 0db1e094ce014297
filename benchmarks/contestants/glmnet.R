# Fits glmnet paths for glmnet.py: reads the data from a folder, says "ready", reads the threshold
# from standard input, and says "fold F" when the weights of a fold have been written.
suppressPackageStartupMessages(library(glmnet))

folder <- commandArgs(trailingOnly = TRUE)[1]
numbers <- function(name, what, size = NA_integer_) {
  path <- file.path(folder, name)
  bytes <- if (is.na(size)) (if (what == "double") 8 else 4) else size
  readBin(path, what, n = file.size(path) / bytes, size = bytes)
}

shape <- numbers("shape.bin", "integer") # rows, columns, classes, folds, sparse
l1_ratio <- numbers("l1_ratio.bin", "double")
alphas <- numbers("alphas.bin", "double")
label <- numbers("label.bin", "integer")
train <- matrix(numbers("train.bin", "integer", 1), nrow = shape[1])
if (shape[5] == 1) {
  x <- new("dgCMatrix",
    i = numbers("i.bin", "integer"), p = numbers("p.bin", "integer"),
    x = numbers("x.bin", "double"), Dim = shape[1:2]
  )
} else {
  x <- matrix(numbers("x.bin", "double"), nrow = shape[1])
}
# Without these the path would end early once the deviance hardly changes.
glmnet.control(fdev = 0, devmax = 1, mnlam = length(alphas))

write_fit <- function(fit, path) {
  several <- is.list(fit$beta)
  out <- file(path, "wb")
  writeBin(length(fit$lambda), out)
  for (k in seq_len(if (several) length(fit$beta) else 1)) {
    beta <- as(if (several) fit$beta[[k]] else fit$beta, "CsparseMatrix")
    writeBin(length(beta@i), out)
    writeBin(beta@p, out)
    writeBin(beta@i, out)
    writeBin(beta@x, out)
    writeBin(as.double(if (several) fit$a0[k, ] else fit$a0), out)
  }
  close(out)
}

cat("ready\n")
flush(stdout())
thresh <- as.double(readLines(file("stdin"), n = 1))
for (f in seq_len(shape[4])) {
  rows <- which(train[, f] == 1)
  whole <- length(rows) == shape[1]
  fit <- suppressWarnings(glmnet(
    if (whole) x else x[rows, , drop = FALSE],
    factor(if (whole) label else label[rows], levels = seq_len(shape[3]) - 1),
    family = if (shape[3] > 2) "multinomial" else "binomial",
    alpha = l1_ratio, lambda = alphas, standardize = FALSE, thresh = thresh, maxit = 1e6,
    type.multinomial = "ungrouped"
  ))
  write_fit(fit, file.path(folder, paste0("fold", f - 1, ".bin")))
  cat("fold", f - 1, "\n")
  flush(stdout())
}
