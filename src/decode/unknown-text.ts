/**
 * Bytes that a Windows program printed → text. Told from the first bytes: UTF-16LE with a byte order mark or without, UTF-8,
 * and else the code page of its console, which is guessed from the locale. Fed with pieces cut anywhere.
 */
import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

export type TextForm = 'utf-16le with byte order mark' | 'utf-16le' | 'utf-8' | 'console code page';

export interface UnknownText {
  /** The text that these bytes finish. */
  feed(bytes: Uint8Array): string;
  /** There is no more: what was held back, as it is. */
  end(): string;
  /** Undefined: nothing came yet. */
  readonly form: TextForm | undefined;
}

/** The code page of consoles by language, as far as it can be decoded; else 850, which has the letters of 437 too. */
const CODE_PAGES: Readonly<Record<string, string>> = {
  'zh-TW': 'big5',
  'zh-HK': 'big5',
  zh: 'gbk',
  ja: 'shift_jis',
  ko: 'euc-kr',
  ru: 'ibm866',
  uk: 'ibm866',
  be: 'ibm866',
  bg: 'ibm866',
};

const CODE_PAGE_850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

/** Held back at most while a character or tag is cut. Beyond: decoded where it is cut. */
const HELD_BYTES_MAX = 1024 * 1024;
const TAG_END = 0x3e;
const LF = 0x0a;

/** @param locale such as `de-DE`: whose console it was */
export function createUnknownText(locale: string): UnknownText {
  return new Decoder(locale);
}

class Decoder implements UnknownText {
  readonly #locale: string;
  form: TextForm | undefined;
  #wide: StringDecoder | undefined;
  #held: Buffer = Buffer.alloc(0);

  constructor(locale: string) {
    this.#locale = locale;
  }

  feed(bytes: Uint8Array): string {
    let all: Buffer = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    if (this.form === undefined) {
      if (all.length < 3) {
        this.#held = all;
        return '';
      }
      all = this.#tellForm(all);
    }
    if (this.#wide) return this.#wide.write(all);
    // No character of these code pages holds either byte: what stands before can be decoded on its own.
    const cut = Math.max(all.lastIndexOf(TAG_END), all.lastIndexOf(LF)) + 1;
    if (all.length - cut <= HELD_BYTES_MAX) {
      this.#held = all.subarray(cut);
      all = all.subarray(0, cut);
    }
    return this.#narrow(all);
  }

  end(): string {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    if (this.form === undefined && rest.length > 0) this.#tellForm(rest);
    return this.#wide ? this.#wide.end(rest) : this.#narrow(rest);
  }

  /** The bytes without their byte order mark. */
  #tellForm(bytes: Buffer): Buffer {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return this.#isWide('utf-16le with byte order mark', bytes.subarray(2));
    if (bytes[0] !== 0 && bytes[1] === 0) return this.#isWide('utf-16le', bytes);
    this.form = 'utf-8';
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  }

  #isWide(form: TextForm, bytes: Buffer): Buffer {
    this.form = form;
    this.#wide = new StringDecoder('utf16le');
    return bytes;
  }

  #narrow(bytes: Buffer): string {
    if (isUtf8(bytes)) return bytes.toString('utf8');
    this.form = 'console code page';
    const page = CODE_PAGES[this.#locale] ?? CODE_PAGES[this.#locale.slice(0, 2)];
    if (page !== undefined) return new TextDecoder(page).decode(bytes);
    return bytes
      .toString('latin1')
      .replace(/[\x80-\xff]/g, (letter) => CODE_PAGE_850[letter.charCodeAt(0) - 128] ?? '');
  }
}
