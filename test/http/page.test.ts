import { afterEach, describe, expect, test } from 'vitest';
import type { HttpSource } from '../../src/http/source.ts';
import { ask, closeAll, serve } from './client.ts';
import { logstash, openIncident } from './views.ts';

afterEach(closeAll);

describe('the status page', () => {
  test('shows units and incidents, refreshes itself, and has no script', async () => {
    const { headers, body } = await ask(await serve(), '/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('<meta http-equiv="refresh" content="30">');
    expect(body).toContain('<td>exited 1/FAILURE after 8s (exit-code)</td>');
    expect(body).toContain('<span class="whole looping">looping</span>');
    expect(body).not.toMatch(/<script|\son\w+=|javascript:/iu);
  });

  test('says of a silenced unit until when it is', async () => {
    const silenced = { ...logstash, silencedUntil: '2026-11-23T20:00:00.000Z' };
    const { body } = await ask(await serve({ units: () => [silenced] }), '/');
    expect(body).toContain('silenced until <time class="whole" datetime="2026-11-23T20:00:00.000Z">');
    expect((await ask(await serve(), '/')).body).not.toContain('silenced');
  });

  test('breaks no line within a verdict, a state or a time, and shows times to the second', async () => {
    const incidents = () => [{ ...openIncident, openedAt: '2026-11-23T18:00:00.250Z' }];
    const { body } = await ask(await serve({ incidents }), '/');
    expect(body).toContain('<span class="whole open">open</span>');
    expect(body).toContain('<span class="sentence">logstash.service is in a restart loop');
    expect(body).toContain(
      '<time class="whole" datetime="2026-11-23T18:00:00.250Z">2026-11-23 18:00:00Z</time>',
    );
  });

  test('escapes everything that comes from outside', async () => {
    const evil = '"><img src=x onerror=alert(1)>\'&';
    const shown: Partial<HttpSource> = {
      units: () => [
        {
          ...logstash,
          unit: evil,
          lastExit: { summary: 'the main process exited with status 1/FAILURE', at: evil, result: evil },
        },
      ],
      incidents: () => [{ ...openIncident, unit: evil, sentence: evil }],
      ready: () => ({ ok: false, why: evil }),
    };
    const { body } = await ask(await serve(shown), '/');
    expect(body).not.toContain('<img');
    expect(body.match(/&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;&#39;&amp;/gu)).toHaveLength(5);
    expect(body).toContain(`href="/api/v1/units/${encodeURIComponent(evil).replace("'", '&#39;')}"`);
  });

  test('says so where there is nothing, and how many rows it leaves out', async () => {
    const empty = await serve({ units: () => [], incidents: () => [] });
    expect((await ask(empty, '/')).body.match(/<p>None\.<\/p>/gu)).toHaveLength(2);
    const full = await serve({ units: () => Array.from({ length: 203 }, () => logstash) });
    expect((await ask(full, '/')).body).toContain('<p>3 more are not shown.</p>');
  });
});
