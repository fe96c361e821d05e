/**
 * The version of this program, from package.json: the build puts it in, from source it is read.
 */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
