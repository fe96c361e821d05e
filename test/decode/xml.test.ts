import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseXml, type XmlElement } from '../../src/decode/xml.ts';

/** As short text: `a[x=1](b "text")`. */
function shown({ name, attributes, children, text }: XmlElement): string {
  const pairs = [...attributes].map(([key, value]) => `${key}=${value}`).join(' ');
  const inside = [...children.map(shown), ...(text === '' ? [] : [JSON.stringify(text)])].join(' ');
  return `${name}${pairs && `[${pairs}]`}${inside && `(${inside})`}`;
}

const CASES: readonly (readonly [text: string, read: string, isWhole?: boolean])[] = [
  ['<a/>', 'a'],
  ['<a></a>', 'a'],
  ['<?xml version="1.0"?>\r\n<!-- c --><a>x</a>', 'a("x")'],
  [`<a x='1' y = "2"/>`, 'a[x=1 y=2]'],
  [`<a x='>'>y</a>`, 'a[x=>]("y")'],
  [`<a x="'"/>`, "a[x=']"],
  ['<n:a n:x="1"><n:b/></n:a>', 'a[n:x=1](b)'],
  ['<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>', `a("<>&\\"'AB")`],
  ['<a>&#13;&#10;\r\n\r</a>', 'a("\\r\\n\\n\\n")'],
  ['<a>&amp;lt;&nbsp;&</a>', 'a("&lt;&nbsp;&")'],
  ['<a>&#0;&#xD800;&#1114112;</a>', 'a("\ufffd\ufffd\ufffd")'],
  ['<a>&#1;\u0001\u0008</a>', 'a("\\u0001\\u0001\\b")'],
  ['<a><![CDATA[<b>&amp;</b>]]>]]&gt;</a>', 'a("<b>&amp;</b>]]>")'],
  ['<a x="&quot;"><b> y </b>z</a>', 'a[x="](b(" y ") "z")'],
  ['<__proto__ __proto__="1"/>', '__proto__[__proto__=1]'],
  ['<a>1 < 2</a>', 'a("1 < 2")', false],
  ['<a><b>x</a>', 'a(b("x"))', false],
  ['<a><b>x</c></b></a>', 'a(b("x"))', false],
  ['<a><b>x', 'a(b("x"))', false],
  ['<a><b x="1', 'a', false],
  ['<a><![CDATA[x', 'a("x")', false],
  ['<a/><b/>', 'a'],
];

for (const [text, read, isWhole = true] of CASES) {
  test(`xml: ${JSON.stringify(text)}`, () => {
    const parsed = parseXml(text);
    assert.ok(parsed.ok);
    assert.deepEqual([shown(parsed.root), parsed.isWhole], [read, isWhole]);
  });
}

test('xml: a document type is refused, so nothing in it is ever expanded', () => {
  for (const text of ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<a><!ENTITY b "c"></a>']) {
    assert.equal(parseXml(text).ok, false, text);
  }
});

test('xml: what has no element or too many in one another is refused', () => {
  for (const text of ['', 'text', '</a>', '<a>'.repeat(65)]) assert.equal(parseXml(text).ok, false, text);
  assert.equal(parseXml('<a>'.repeat(63)).ok, true);
});

test('xml: any text whatsoever is read without a throw, and cut anywhere it is not whole', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseXml(text)));
  const whole = `<a x='1'><b>y</b><![CDATA[z]]></a>`;
  for (let end = 0; end < whole.length; end++) {
    const parsed = parseXml(whole.slice(0, end));
    assert.ok(!parsed.ok || !parsed.isWhole, whole.slice(0, end));
  }
});

test('xml: text and attributes come back as they were written', () => {
  const escaped = (text: string) => text.replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, value) => {
      const parsed = parseXml(`<a x="${escaped(value)}">${escaped(text)}</a>`);
      assert.ok(parsed.ok && parsed.isWhole);
      assert.deepEqual([parsed.root.text, parsed.root.attributes.get('x')], [text, value]);
    }),
  );
});
