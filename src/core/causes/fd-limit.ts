import type { Matcher } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const pattern =
  /\btoo many open files\b|\bEMFILE\b|\bENFILE\b|\bno file descriptors available\b|accept4?\(\).{0,40}\b24\b:/i;

export const fdLimit: Matcher = {
  id: 'fd-limit',
  looksFor: 'the log says that too many files are open',
  match(evidence) {
    const found = told(evidence, pattern);
    if (found === undefined) return undefined;
    const proof = proofOf(evidence, pattern);
    if (/\bENFILE\b|open files in system/i.test(found.line.text)) {
      return { sentence: 'The machine has no file descriptors left (fs.file-max).', proof, state: 'likely' };
    }
    const limit = evidence.service?.openFilesSoft;
    const within = limit === undefined ? '' : `: it may have ${limit} (the soft limit of LimitNOFILE=)`;
    return { sentence: `It has too many files open${within}.`, proof, state: 'likely' };
  },
};
