import { createContext } from '@lit/context';
import type { CallView } from '../call/view.ts';

/** The call every element below `<realtime-call>` reads. It asks through CallRequestEvent. */
export const callContext = createContext<CallView>(Symbol('realtime-call'));
