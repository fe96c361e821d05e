/** The widgets of blessed-contrib that are used: its own types are of the whole package, which pulls in all of them. */
declare module 'blessed-contrib/lib/widget/charts/bar.js' {
  import type blessed from 'blessed';

  interface BarElement extends blessed.Widgets.BoxElement {
    setData(data: { titles: readonly string[]; data: readonly number[] }): void;
  }
  const Bar: new (options: object) => BarElement;
  export = Bar;
}

declare module 'blessed-contrib/lib/widget/sparkline.js' {
  import type blessed from 'blessed';

  interface SparklineElement extends blessed.Widgets.BoxElement {
    setData(titles: readonly string[], data: readonly (readonly number[])[]): void;
  }
  const Sparkline: new (options: object) => SparklineElement;
  export = Sparkline;
}
