import { useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { errorText } from '../ui/states.tsx';
import { type AuditFilters, queryOf } from './filters.ts';
import { readAll } from './reading.ts';
import { fileName, saveAs } from './saving.ts';

/** What the filters show, as a file: CSV as the server writes it, or JSON. */
export function ExportButtons({ filters }: { filters: AuditFilters }) {
  const { api, now, notices } = useBoard();
  const [read, setRead] = useState<number | null>(null);

  async function run(kind: 'csv' | 'json', make: () => Promise<string>): Promise<void> {
    setRead(0);
    try {
      const text = await make();
      saveAs(fileName(kind, now.value), kind === 'csv' ? 'text/csv' : 'application/json', text);
      notices.say('good', texts.audit.exported);
    } catch (error) {
      notices.say('bad', errorText(error));
    }
    setRead(null);
  }
  const csv = async () => (await api.text(`v1/audit?${queryOf(filters, {})}`, 'text/csv')).body;
  const json = async () => JSON.stringify(await readAll(api, filters, setRead), null, 2);

  return (
    <div class="buttons">
      {read !== null && (
        <span class="quiet" role="status">
          {texts.audit.exporting(read)}
        </span>
      )}
      <button type="button" class="button" disabled={read !== null} onClick={() => void run('csv', csv)}>
        <Icon name="download" />
        {texts.audit.exportCsv}
      </button>
      <button type="button" class="button" disabled={read !== null} onClick={() => void run('json', json)}>
        <Icon name="download" />
        {texts.audit.exportJson}
      </button>
    </div>
  );
}
