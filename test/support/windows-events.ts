/**
 * Made Windows events as XML in the shape that wevtutil prints.
 */
export interface MadeEvent {
  readonly id: number;
  readonly channel?: string;
  readonly provider?: string;
  readonly eventId?: number;
  readonly level?: number;
  readonly keywords?: string;
  readonly time?: string;
  /** undefined: the text is not installed. */
  readonly message?: string | undefined;
  /** What stands between System and RenderingInfo. */
  readonly data?: string;
}

/** The time that `eventXml` gives to the event of this id. */
export function eventTime(id: number): string {
  return new Date(Date.UTC(2026, 2, 1, 10, 0, 0, 0) + id * 1_000).toISOString().replace(/\.\d{3}Z$/, '.1234567Z');
}

export function eventXml(event: MadeEvent): string {
  const { id, channel = 'System', provider = 'Service Control Manager', eventId = 7036, level = 4 } = event;
  const { keywords = '0x8080000000000000', time = eventTime(id), data = '<EventData></EventData>' } = event;
  const rendering =
    event.message === undefined
      ? ''
      : `<RenderingInfo Culture='en-US'><Message>${escapeXml(event.message)}</Message><Level>Information</Level><Channel></Channel></RenderingInfo>`;
  return `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${escapeXml(provider)}' Guid='{555908d1-a6d7-4695-8e1e-26931d2012f4}'/><EventID Qualifiers='16384'>${eventId}</EventID><Version>0</Version><Level>${level}</Level><Task>0</Task><Opcode>0</Opcode><Keywords>${keywords}</Keywords><TimeCreated SystemTime='${time}'/><EventRecordID>${id}</EventRecordID><Correlation/><Execution ProcessID='788' ThreadID='4396'/><Channel>${channel}</Channel><Computer>host-1</Computer><Security UserID='S-1-5-18'/></System>${data}${rendering}</Event>`;
}

export function escapeXml(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&apos;',
    '\r': '&#13;',
  };
  return text.replace(/[&<>'\r]/g, (character) => escapes[character] ?? character);
}
