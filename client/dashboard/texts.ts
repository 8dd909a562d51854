/**
 * Every text of the dashboard, in English. To translate the dashboard, translate this file: nothing a person reads stands
 * anywhere else. Where a number decides about the form of a word, `plural` chooses it by the rules of `lang`.
 */
const lang = 'en';
const rules = new Intl.PluralRules(lang);
const number = new Intl.NumberFormat(lang);

function plural(count: number, forms: { one: string; other: string }): string {
  return (rules.select(count) === 'one' ? forms.one : forms.other).replace('{n}', number.format(count));
}

const agents = (count: number) => plural(count, { one: '{n} agent', other: '{n} agents' });

export const texts = {
  lang,
  product: 'Vigil',
  none: '–',
  unknown: 'unknown',
  list: (items: string[]) => new Intl.ListFormat(lang).format(items),
  number: (value: number) => number.format(value),
  agents,

  nav: {
    label: 'Pages',
    presence: 'Live presence',
    security: 'Session Security',
    audit: 'Audit log',
    skip: 'Skip to the content',
    account: (account: string) => `Account ${account}`,
  },

  link: {
    live: 'Live',
    connecting: 'Connecting…',
    lost: 'Reconnecting…',
    unreachable: 'Trying again by itself. Nobody is signed out by this page being away.',
    liveHint: 'Changes are shown as they happen',
    lostBanner: (since: string) =>
      `The connection to the server is lost. What you see is as of ${since}; it is brought up to date when the connection is back.`,
  },

  gate: {
    waitingTitle: 'Waiting for your service desk',
    waitingText: 'This page gets its permission from the service desk that opened it.',
    silentText:
      'The service desk has not answered yet. If this stays so, open this page anew from its Manage section.',
    aloneTitle: 'Open this page from your service desk',
    aloneText:
      'It shows nothing by its address alone: the service desk hands over who you are. Look for it under Manage › General Settings › Security.',
    forbiddenTitle: 'This page is for others',
    forbiddenText:
      'Seeing who is present takes the permission “View presence”, and the session settings take “Manage Security”. Ask an administrator of your service desk if you need either.',
    forbiddenHere: 'Seeing this takes the permission “Manage Security”.',
    endedTitle: 'Your session is over',
    endedText: 'Nothing more is shown here. Sign in to your service desk again.',
  },

  error: {
    title: 'That did not work',
    retry: 'Try again',
    offline: 'The server cannot be reached.',
    rate_limited: 'Too many requests in a short time. Try again in a moment.',
    forbidden: 'You do not have the permission for this.',
    not_found: 'It is not there any more.',
    session_ended: 'Your session is over.',
    not_participating: 'This agent takes no part in auto-assignment.',
    out_of_range: 'This value is outside the allowed range.',
    unavailable: 'The server cannot answer at the moment.',
    other: (code: string) => `The server refused (${code}).`,
  },

  state: {
    active: 'Active',
    idle: 'Idle',
    background: 'Background',
    offline: 'Offline',
    signed_out: 'Signed out',
    warned: 'Warned',
  },
  stateHint: {
    active: 'Working in a visible tab',
    idle: 'In a visible tab, but no input',
    background: 'Open, but not the active tab',
    offline: 'Not open anywhere, session still alive',
    warned: 'About to be signed out',
  },

  reason: {
    inputNow: 'Input just now',
    inputAgo: (duration: string) => `Input ${duration} ago`,
    noInput: (duration: string) => `No input for ${duration}`,
    hidden: (duration: string) => `Not the active tab for ${duration}`,
    hiddenUnknown: 'Not the active tab',
    closed: (moment: string) => `Not open anywhere since ${moment}`,
    closedUnknown: 'Not open anywhere',
    signedOut: (moment: string) => `Signed out ${moment}`,
    other: (state: string) => state,
  },

  time: {
    at: (clock: string) => `at ${clock}`,
    now: 'just now',
    ago: (duration: string) => `${duration} ago`,
    over: 'any moment',
    aMinute: 'a minute',
    units: {
      second: (n: number) => plural(n, { one: '{n} second', other: '{n} seconds' }),
      minute: (n: number) => plural(n, { one: '{n} minute', other: '{n} minutes' }),
      hour: (n: number) => plural(n, { one: '{n} hour', other: '{n} hours' }),
      day: (n: number) => plural(n, { one: '{n} day', other: '{n} days' }),
    },
    short: { second: 's', minute: 'min', hour: 'h', day: 'd' },
  },

  presence: {
    title: 'Live presence',
    lead: 'Who is here, who is not, and who is about to be signed out.',
    countsLabel: 'Agents by state',
    all: 'All',
    search: 'Search by name or id',
    sortLabel: 'Sort by',
    sortAscending: 'ascending',
    sortDescending: 'descending',
    columns: {
      select: 'Select',
      name: 'Agent',
      state: 'State',
      tabs: 'Tabs',
      sessions: 'Sessions',
      available: 'Assignment',
      endsAt: 'Signs out in',
    },
    tabs: (n: number) => plural(n, { one: '{n} tab', other: '{n} tabs' }),
    sessions: (n: number) => plural(n, { one: '{n} session', other: '{n} sessions' }),
    available: 'Available',
    unavailable: 'Unavailable',
    notParticipating: 'Takes no part',
    notParticipatingHint: 'This agent takes no part in auto-assignment',
    selectAll: (shown: number) => `Select all ${agents(shown)} shown`,
    selectOne: (name: string) => `Select ${name}`,
    open: (name: string) => `Show ${name}`,
    you: 'you',
    gridLabel: 'Agents with a live session',
    gridHelp:
      'Arrow keys move between agents, Enter opens one, Space selects one. Shift with the arrow keys selects several.',
    shown: (shown: number, all: number) =>
      shown === all ? agents(all) : `${number.format(shown)} of ${agents(all)}`,
    selected: (n: number) => plural(n, { one: '{n} agent selected', other: '{n} agents selected' }),
    clear: 'Clear selection',
    signsOutAt: (moment: string) => `Will be signed out ${moment} if nothing is done`,
    emptyTitle: 'Nobody is signed in',
    emptyText: 'Agents appear here as soon as they sign in to the service desk.',
    noMatchTitle: 'No agent matches',
    noMatchText: 'Nobody is in the states that you chose, or has this in their name.',
    resetFilters: 'Show everybody',
    loading: 'Loading agents…',
  },

  chart: {
    title: 'States over time',
    range: 'Time range',
    hour: 'Last hour',
    day: 'Last 24 hours',
    summary: (moment: string) => `at ${moment}`,
    now: 'now',
    show: 'Show chart',
    hide: 'Hide chart',
    label: 'Agents by state over time. Left and right arrow keys move the reading line.',
    asTable: 'The same as a table',
    time: 'Time',
    fromServer: (moment: string) => `Counted by the server once a minute, since ${moment}.`,
    fromPage: (moment: string) => `Drawn from what this page has seen since it was opened, ${moment}.`,
    empty: 'Nothing is recorded yet: the chart begins now, and fills as time passes.',
  },

  action: {
    signOut: 'Sign out…',
    makeAvailable: 'Make available',
    makeUnavailable: 'Make unavailable',
    cancel: 'Cancel',
    close: 'Close',
    signOutTitle: (n: number, name: string) =>
      n === 1 ? `Sign ${name} out?` : `Sign ${number.format(n)} agents out?`,
    signOutEffect: (n: number) =>
      n === 1
        ? 'All sessions of this agent end at once, on every device. Each open tab goes to the login page, and what was typed is kept where the service desk keeps drafts.'
        : 'All their sessions end at once, on every device. Each open tab goes to the login page, and what was typed is kept where the service desk keeps drafts.',
    signOutAssignment: (n: number) =>
      n === 1
        ? 'No new work is assigned to this agent until somebody makes them available again.'
        : 'No new work is assigned to those who take part in auto-assignment until somebody makes them available again.',
    signOutYou: 'This includes you: your own session ends too.',
    signOutAudit: 'It is written into the audit log with your name.',
    signOutDo: (n: number) => (n === 1 ? 'Sign out' : `Sign ${number.format(n)} agents out`),
    working: (done: number, all: number) => `${number.format(done)} of ${number.format(all)} done…`,
    signedOut: (n: number) => plural(n, { one: '{n} agent signed out.', other: '{n} agents signed out.' }),
    madeAvailable: (n: number) =>
      plural(n, { one: '{n} agent is available now.', other: '{n} agents are available now.' }),
    madeUnavailable: (n: number) =>
      plural(n, { one: '{n} agent is unavailable now.', other: '{n} agents are unavailable now.' }),
    failed: (n: number, why: string) =>
      plural(n, {
        one: `{n} agent was left as it was: ${why}`,
        other: `{n} agents were left as they were: ${why}`,
      }),
  },

  drawer: {
    label: (name: string) => `Details of ${name}`,
    signOut: 'Signs out in',
    lastActivity: 'Last input',
    assignment: 'Assignment',
    sessions: 'Sessions',
    sessionStarted: 'Signed in',
    noTabs: 'No tab open',
    tabVisible: 'Visible tab',
    tabHidden: 'Hidden tab',
    since: (duration: string) => `for ${duration}`,
    events: 'Last events',
    noEvents: 'No events are kept of this agent.',
    allEvents: 'All events of this agent',
    ribbon: 'Last 24 hours',
    ribbonSource: 'Recorded once a minute. Where nothing is drawn, nothing was recorded.',
    ribbonNew: 'Recording has just begun.',
    ribbonLabel: 'The last 24 hours of this agent',
    ribbonPart: (state: string, from: string, to: string) => `${state} from ${from} to ${to}`,
    signedIn: 'Signed in',
    untilNow: 'now',
    needsAudit: 'The events of an agent take the permission “Manage Security”.',
    gone: 'The sessions of this agent have ended.',
  },

  security: {
    crumbs: ['Manage', 'General Settings', 'Security'],
    crumbsLabel: 'Where you are',
    title: 'Session Security',
    lead: 'When agents are signed out because nobody is there.',
    timeout: 'Inactivity timeout',
    value: 'Sign out after',
    unit: 'Unit',
    range: (least: string, most: string) => `Allowed: ${least} to ${most}`,
    notANumber: 'Give a whole number.',
    outOfRange: (least: string, most: string) => `Choose a time from ${least} to ${most}.`,
    warningLead: (lead: string) => `Agents are warned ${lead} before, on every screen they have open.`,
    perAgent:
      'Activity counts per agent: a key or a pointer used in any visible tab, on any device, keeps all of their sessions alive. Refreshing pages, notifications and being connected do not.',
    presets: 'Suggestions',
    preset15: { title: '15 minutes', why: 'What PCI DSS 8.2.8 asks for where card data can be reached' },
    preset60: { title: '1 hour', why: 'The most that NIST SP 800-63B-4 recommends at AAL2' },
    preset24h: {
      title: '24 hours',
      why: 'The default: it lasts until the next morning, but not over a weekend',
    },
    preset30d: {
      title: '30 days',
      why: 'The longest that can be set; only where devices are locked by other means',
    },
    presetTrial: { title: '2 minutes', why: 'To try it out. Only servers for tests and demos allow this' },
    warnPci:
      'Longer than the 15 minutes of PCI DSS 8.2.8. Do not choose it where agents can reach card data.',
    warnNist:
      'Longer than the 1 hour of inactivity that NIST SP 800-63B-4 recommends at AAL2, and than the 15 minutes of PCI DSS 8.2.8.',
    warnDay:
      'Agents stay signed in for more than a day without anybody being there. An unlocked device is an open service desk for as long.',
    remember: 'Remember me',
    rememberAgent: 'Offer “Remember me” to agents',
    rememberAgentHint: 'On the login page of agents. It never exempts anybody from the timeout above.',
    rememberRequester: 'Offer “Remember me” to requesters',
    rememberRequesterHint: 'On the login page of the people who ask for help.',
    effect: 'What saving does',
    effectUnchanged: 'Nothing has been changed yet.',
    effectRememberOnly: 'The login pages change. Nobody is signed out.',
    effectNobody: 'Nobody would be signed out within the hour.',
    effectNoAgents: 'No agent is signed in at the moment.',
    effectPreview: (now: number, withinHour: number, lead: string) =>
      `${agents(now)} would be signed out within ${lead} of warning, ${number.format(withinHour)} within the hour.`,
    effectNote: 'Counted as if nobody did anything from now on. It is in force for live sessions at once.',
    effectLoading: 'Counting…',
    effectFailed: 'Whom this would sign out cannot be said at the moment.',
    changed: (who: string) => `Last changed by ${who}`,
    neverChanged: 'Never changed: these are the defaults.',
    save: 'Save',
    saving: 'Saving…',
    reset: 'Discard changes',
    saved: 'Saved. It is in force for live sessions now.',
    loading: 'Loading the settings…',
    conflictTitle: 'Somebody else has changed these settings',
    conflictText: (who: string) =>
      `${who} has saved other values since you opened this page. Nothing of yours was saved.`,
    conflictTheirs: 'Saved now',
    conflictMine: 'Yours',
    conflictTake: 'Take what is saved',
    conflictKeep: 'Keep mine and save',
    summary: (timeout: string, agent: boolean, requester: boolean) =>
      `${timeout}; Remember me for agents ${agent ? 'on' : 'off'}, for requesters ${requester ? 'on' : 'off'}`,
    units: { 1: 'seconds', 60: 'minutes', 3600: 'hours', 86400: 'days' } as Record<number, string>,
  },

  audit: {
    title: 'Audit log',
    lead: 'What happened, newest first, and why.',
    type: 'Event',
    allTypes: 'All events',
    agent: 'Agent',
    agentHint: 'Exact id',
    from: 'From',
    to: 'To',
    clear: 'Clear filters',
    columns: { at: 'When', what: 'What happened', agent: 'Agent', details: 'Cause' },
    tableLabel: 'Audit log, newest first',
    more: 'Show older events',
    loadingMore: 'Loading…',
    end: 'That is all that is kept.',
    emptyTitle: 'No events',
    emptyText: 'Nothing has happened yet, or nothing that matches the filters.',
    exportCsv: 'Export CSV',
    exportJson: 'Export JSON',
    exporting: (n: number) => `Exporting… ${number.format(n)}`,
    exported: 'The export is in your downloads. It is noted in this log.',
    newer: 'Show what came since',
    loading: 'Loading the audit log…',
    types: {
      'session.started': 'Signed in',
      'session.warned': 'Warned',
      'session.resumed': 'Came back',
      'session.ended': 'Signed out',
      'agent.available': 'Became available',
      'agent.unavailable': 'Became unavailable',
      'policy.changed': 'Settings changed',
      'access.refused': 'Access refused',
      'audit.exported': 'Log exported',
    } as Record<string, string>,
    cause: {
      not_open: 'Timed out: the service desk was not open anywhere',
      not_active_tab: 'Timed out: the service desk was open, but not the active tab',
      no_input: 'Timed out: in the active tab, but no keyboard or pointer input',
      timeout: 'Timed out without activity',
      logout: 'Signed out themselves',
      logoutInDesk: 'Signed out in the service desk',
      logoutBy: (who: string) => `Signed out in the service desk, by ${who}`,
      admin: (who: string) => `Signed out by ${who}`,
      lost: 'The server lost its data, and no open tab vouched for this session',
      lastInput: (moment: string) => `last input ${moment}`,
      byTimeout: 'By the timeout',
      byAgent: 'By the agent',
      byAdmin: (who: string) => `By ${who}`,
      loggedIn: (moment: string) => `Logged in ${moment}`,
      warnedUntil: (moment: string) => `No input since ${moment}`,
      refused: (needs: string, call: string) => `${call} needs ${needs}`,
      exported: (format: string) => `As ${format}`,
      policy: (before: string, after: string) => `${before} → ${after}`,
      rememberAgent: (on: boolean) => `Remember me for agents ${on ? 'on' : 'off'}`,
      rememberRequester: (on: boolean) => `Remember me for requesters ${on ? 'on' : 'off'}`,
      sessions: (n: number) => plural(n, { one: '{n} session', other: '{n} sessions' }),
    },
  },
} as const;
