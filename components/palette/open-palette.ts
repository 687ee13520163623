const event = 'edgeyard:open-palette';

/** Opens the command palette from anywhere on the page. */
export function openPalette(): void {
  window.dispatchEvent(new Event(event));
}

/**
 * Calls the listener whenever somebody asks for the palette.
 *
 * @returns a function that ends it
 */
export function onOpenPalette(listener: () => void): () => void {
  window.addEventListener(event, listener);
  return () => {
    window.removeEventListener(event, listener);
  };
}
