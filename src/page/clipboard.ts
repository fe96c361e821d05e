/**
 * Puts text on the clipboard, also where the page is not served over HTTPS and the browser's own interface is missing.
 */
import { sayDone, sayWrong } from './toasts.tsx';

/** @param what for the message: "Entry", "Link" */
export async function copyText(text: string, what: string): Promise<void> {
  const copied = (await writeClipboard(text)) || copyBySelection(text);
  if (copied) sayDone(`${what} copied`);
  else sayWrong(`${what} could not be copied: the browser does not let this page use the clipboard`);
}

async function writeClipboard(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused or not allowed here: the other way is tried.
    return false;
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'off-screen';
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
