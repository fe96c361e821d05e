/**
 * The browser's storage, which may be switched off: what is written is then kept as long as the page.
 */
export function readStorage(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Switched off: nothing is known from before.
    return null;
  }
}

export function writeStorage(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Switched off or full: the choice lasts as long as the page.
  }
}
