/**
 * Puts a text into the clipboard. The clipboard API exists on HTTPS and localhost only; on a plain-HTTP address the old
 * command still works.
 *
 * @returns whether it is there
 */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    // Inside an open dialog focus may not leave it, so the helper element stands beside the button.
    (document.activeElement?.parentElement ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
