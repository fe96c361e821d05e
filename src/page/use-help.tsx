/**
 * The help of a page, loaded when it is asked for.
 */
import type { ComponentChild, FunctionComponent } from 'preact';
import { useState } from 'preact/hooks';
import { sayWrong } from './toasts.tsx';

export function useHelp(): { show(): void; readonly shown: ComponentChild } {
  const [Help, setHelp] = useState<FunctionComponent<{ onClose(): void }> | undefined>(undefined);
  return {
    show: () => {
      import('./help.tsx').then(
        (loaded) => setHelp(() => loaded.Help),
        () => sayWrong('The help could not be loaded: the server cannot be reached.'),
      );
    },
    shown: Help && <Help onClose={() => setHelp(undefined)} />,
  };
}
