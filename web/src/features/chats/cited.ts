/** Figures with their receipts, for pages that show no chat. */
export { CitedText } from './cited-text';
export { Figure, Receipts } from './receipts';
