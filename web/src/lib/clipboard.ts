/** Puts text on the clipboard; false when the browser would not. */
export async function copyText(text: string): Promise<boolean> {
  // Typed as always present, but absent on plain http from another machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    if (clipboard === undefined) {
      const { copySelection } = await import('./copy-selection');
      return copySelection(text);
    }
    await clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
