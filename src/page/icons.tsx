/**
 * The pages' few icons: drawn in lines on a 16-pixel grid, in the colour of the text.
 */
const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3v10l8-5-8-5Z',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  pin: 'M6 2h4l-.5 4.5L12 9H4l2.5-2.5L6 2ZM8 9v5',
  ticket: 'M2 5h12v2.2a1 1 0 0 0 0 1.9V11H2V9.1a1 1 0 0 0 0-1.9V5ZM9.5 5v6',
  note: 'M3 13h2.5L13 5.5 10.5 3 3 10.5V13Z',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5 5 13h6l.5-8.5',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  link: 'M6.5 9.5l3-3M7 5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.8 2.8 0 0 1-4-4L5 7',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6Z',
  auto: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h3.6M8 8h5.6M8 11h3.6',
  wrap: 'M2 4h12M2 8h9.5a2 2 0 0 1 0 4H8M9.5 10.5 8 12l1.5 1.5M2 12h3',
  rows: 'M2 4h12M2 8h12M2 12h12',
  panel: 'M2 3h12v10H2zM6 3v10',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.5V8l2.5 1.5',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.4a1.8 1.8 0 1 1 2.4 1.7c-.5.2-.7.5-.7 1M8 11.3v.2',
  down: 'M8 3v10M4 9l4 4 4-4',
  up: 'M8 13V3M4 7l4-4 4 4',
  check: 'M3 8.5 6.5 12 13 4.5',
  undo: 'M5.5 3 3 5.5 5.5 8M3 5.5h6a4 4 0 0 1 0 8H5',
  export: 'M8 2v8M5 7l3 3 3-3M3 11v2.5h10V11',
  chevron: 'M4 6l4 4 4-4',
  again: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3',
  around: 'M8 2v12M4.5 5 8 1.8 11.5 5M4.5 11 8 14.2l3.5-3.2',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
