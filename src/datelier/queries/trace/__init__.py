"""Where every figure of an answer comes from: placeholders, formulas, scanner, receipts."""
