/**
 * What the screen is like, for the few things a stylesheet cannot decide.
 */
import { useEffect, useState } from 'preact/hooks';

/** As in style.css: rows on two lines, filters and detail over the rows. */
export const NARROW = '(max-width: 640px)';

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const onChange = () => setMatches(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, [query]);
  return matches;
}
