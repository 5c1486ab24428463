import pg from "pg";
import { subscribersOf } from "../../mixins/sql-kernel.ts";

interface Kept {
  event_id: string;
  type: string;
  entity: string;
  version: string;
  at: string;
}

/**
 * Puts the newest events of one actor into its outbox once more, to each of their subscribers, as if every answer to their
 * deliveries had been lost. @returns the number of deliveries
 */
export async function deliverAgain(url: string, most: number): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    const { rows } = await client.query<Kept>(
      "select id as event_id, type, entity, version, at from events order by seq desc limit $1",
      [most],
    );
    const again = rows
      .reverse()
      .flatMap((event) => subscribersOf(event.type).map((subscriber) => ({ ...event, subscriber })));
    await client.query(
      `insert into outbox (subscriber, event_id, type, entity, version, at, attempts, due, parked)
      select subscriber, event_id, type, entity, version, at, 0, 0, 0 from json_to_recordset($1)
      as t(subscriber text, event_id text, type text, entity text, version bigint, at text)`,
      [JSON.stringify(again)],
    );
    return again.length;
  } finally {
    await client.end();
  }
}
