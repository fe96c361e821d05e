/**
 * Text of a stranger, made safe to show: whatever a terminal or a browser would act on, or not show, becomes visible
 * text. Escape sequences lose their ESC and stand there as `\x1b[8m`; bidirectional controls and zero-width characters,
 * which can make a line read as something else, stand there as `\u202e`. The forms are those of app.log.
 */

export interface SanitizeOptions {
  /** `show` (the default) writes a line break as `\n`; `keep` leaves LF (and CR LF as LF) for those who split lines. */
  readonly lineBreaks?: 'show' | 'keep';
  /** `space` (the default) makes a TAB one space; `keep` leaves it. */
  readonly tabs?: 'space' | 'keep';
}

/** The text of almost every entry. */
const HARMLESS = /^[\u0020-\u007e]*$/;

/**
 * C0, DEL and C1; soft hyphen; grapheme joiner; bidirectional controls; zero-width and invisible characters; fillers;
 * line and paragraph separators; variation selectors; tags; noncharacters and lone surrogates.
 */
const UNSAFE = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u115f\\u1160\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff]',
    '[\\u034f\\u17b4\\u17b5\\u180b-\\u180f\\ufe00-\\ufe0f\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\ud800-\\udfff]',
    '[\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
  ].join('|'),
  'gu',
);

const PICTURE = /^\p{Extended_Pictographic}$/u;
/** What may stand between a picture and a joiner: skin tones, hair, the emoji selector. */
const PICTURE_PART = /^\p{Emoji_Component}$/u;
const EMOJI = /^\p{Emoji}$/u;
/** Scripts whose spelling needs joiners: Arabic to N'Ko, the Indic ones to Burmese, Khmer, Mongolian. */
const JOINED = /^[\u0600-\u07ff\u0900-\u109f\u1780-\u18af]$/;

export function sanitize(text: string, options: SanitizeOptions = {}): string {
  if (HARMLESS.test(text)) return text;
  const keepsBreaks = options.lineBreaks === 'keep';
  const keepsTabs = options.tabs === 'keep';
  return text.replace(UNSAFE, (found: string, at: number) => {
    switch (found) {
      case '\n':
        return keepsBreaks ? '\n' : '\\n';
      case '\r':
        return keepsBreaks && text[at + 1] === '\n' ? '' : '\\r';
      case '\t':
        return keepsTabs ? '\t' : ' ';
      case '\u200c':
      case '\u200d':
      case '\ufe0e':
      case '\ufe0f':
        return hasMeaning(found, text, at) ? found : escaped(found);
      default:
        return escaped(found);
    }
  });
}

/** Whether a joiner or a variation selector does what it is for: inside an emoji or a word of a script that joins. */
function hasMeaning(found: string, text: string, at: number): boolean {
  const before = characterBefore(text, at);
  if (found === '\ufe0e' || found === '\ufe0f') return EMOJI.test(before);
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  if (JOINED.test(before) && JOINED.test(after)) return true;
  return found === '\u200d' && (PICTURE.test(before) || PICTURE_PART.test(before)) && PICTURE.test(after);
}

function characterBefore(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
