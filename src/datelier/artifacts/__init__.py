"""What is made from stored results: charts, and documents whose figures are traced."""
