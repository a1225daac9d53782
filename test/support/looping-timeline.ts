import { presentIncidents } from '../../src/core/present.ts';
import { Timeline } from './timeline.ts';

/** app.service died and was restarted each 2 s from second 2 on: its incident is open at second 10.1. */
export function loopingTimeline(): { timeline: Timeline; id: string } {
  const timeline = new Timeline();
  const service = timeline.service('app.service');
  service.start(0);
  for (let restart = 1; restart <= 5; restart += 1) {
    service.die(restart * 2);
    service.autoRestart(restart * 2 + 0.1);
  }
  return { timeline, id: presentIncidents(timeline.state)[0]?.id ?? '' };
}
