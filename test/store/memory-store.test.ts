import { createMemoryStore } from '../../src/store/memory-store.ts';
import { testStoreContract } from '../contracts/store.ts';

testStoreContract('memory store', async (_test, { clock, ...listener }) => createMemoryStore({ clock, listener }));
