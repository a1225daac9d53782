import type { ApplyAnswer, ApplyRequest } from '../core/remedy/apply-request.ts';
import { applyRemedy } from './apply-remedy.ts';
import { readApplyRequest } from './apply-request-text.ts';
import { AppError } from '../kit/errors.ts';
import { recoverRemedies } from './recover-remedies.ts';
import type { RemedyRoom } from './remedy-room.ts';
import { revertRemedies } from './revert-remedies.ts';

/** Does the work with all that it needs; rejects with an AppError where that is not to be had. */
export type InRoom = <T>(wants: 'apply' | 'revert', work: (room: RemedyRoom) => Promise<T>) => Promise<T>;

/** One request, one answer: whatever was sent, it is an answer; what is thrown is a bug. */
export async function answerRequest(text: string, inRoom: InRoom): Promise<ApplyAnswer> {
  const reading = readApplyRequest(text);
  if (!reading.ok) return { outcomes: [], refused: `the request is none: ${reading.found}` };
  const { request } = reading;
  try {
    return await inRoom(request.verb === 'apply' ? 'apply' : 'revert', (room) => carryOut(request, room));
  } catch (error) {
    if (error instanceof AppError) return { outcomes: [], refused: error.message };
    throw error;
  }
}

async function carryOut(request: ApplyRequest, room: RemedyRoom): Promise<ApplyAnswer> {
  // The one before may have been cut short.
  await recoverRemedies(room);
  switch (request.verb) {
    case 'apply':
      return { outcomes: [await applyRemedy(request, room)] };
    case 'revert':
      return { outcomes: await revertRemedies(request.units, room) };
    case 'recover':
      return { outcomes: [] };
  }
}
