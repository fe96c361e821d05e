/**
 * The sign-in page: takes the view token and goes where the person wanted to be.
 */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import { safeNext } from '../address.ts';
import { post } from '../request.ts';

export function showSignIn(host: HTMLElement): void {
  render(<SignInPage />, host);
}

function SignInPage() {
  const [fault, setFault] = useState('');
  const [isAsking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const signIn = async () => {
    const token = field.current?.value.trim() ?? '';
    if (token === '') {
      setFault('Paste the view token first.');
      return;
    }
    setAsking(true);
    const answer = await post<unknown>(paths.signIn, { token });
    setAsking(false);
    if (answer.ok) location.replace(safeNext(location.search));
    else {
      setFault(answer.message);
      field.current?.select();
    }
  };
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>logd</h1>
        <p>This server shows its logs to those who have its view token.</p>
        {/* Password managers file a token under a name. */}
        <input type="text" name="username" autocomplete="username" value="logd" readOnly hidden />
        <label>
          View token
          <input
            ref={field}
            id="token"
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            aria-invalid={fault !== ''}
            aria-describedby="sign-in-fault"
          />
        </label>
        <p class="sign-in-fault" id="sign-in-fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary" disabled={isAsking}>
          Sign in
        </button>
        <p class="hint">
          The token stands after <code>view:</code> in the file <code>tokens</code> of the server’s data folder.
        </p>
      </form>
    </main>
  );
}
