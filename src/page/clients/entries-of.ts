/**
 * The address of a client's entries in the view.
 */
import { paths } from '../../api/paths.ts';
import { ALL, formatAddress } from '../address.ts';
import { clientTerm } from '../query-terms.ts';

/** @param more of the query */
export function entriesOf(clientId: string, more = ''): string {
  const query = `${clientTerm(clientId) ?? ''} ${more}`.trim();
  return `${paths.view}${formatAddress({ query, range: ALL, entryId: undefined })}`;
}
