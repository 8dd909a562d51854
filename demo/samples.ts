import type { Message, NewTicket, Ticket } from './tickets.ts';

/** What a small bicycle maker's desk finds in the morning, with times relative to now. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Sample = Omit<Ticket, 'number'>;
type Line = [ago: number, from: Message['from'], author: string, text: string, html?: string];

export function sampleTickets(now: number): Sample[] {
  const conversation = (lines: Line[]): Message[] =>
    lines.map(([ago, from, author, text, html]) => ({
      at: now - ago,
      from,
      author,
      text,
      ...(html === undefined ? {} : { html }),
    }));
  const ticket = (
    [name, email, person]: [string, string, string?],
    subject: string,
    {
      state = 'open',
      priority = 'normal',
      assignee = null,
    }: Partial<Pick<Ticket, 'state' | 'priority' | 'assignee'>>,
    lines: Line[],
  ): Sample => ({
    subject,
    requester: { name, email, person: person ?? null },
    state,
    priority,
    assignee,
    createdAt: now - Math.max(...lines.map(([ago]) => ago)),
    updatedAt: now - Math.min(...lines.map(([ago]) => ago)),
    messages: conversation(lines),
  });
  const tomas: [string, string, string] = ['Tomás Rivera', 'tomas@example.org', 'tomas'];

  return [
    ticket(
      ['Helen Aldous', 'helen.aldous@example.com'],
      'Hairline crack in the fork after three weeks',
      { priority: 'urgent', assignee: 'jonas' },
      [
        [
          52 * MINUTE,
          'requester',
          'Helen Aldous',
          'Hello,\n\nwhile cleaning my Estuary 2 this morning I found a hairline crack where the left fork leg meets the crown, about 2 cm long. The bike is three weeks old and has seen gravel paths, nothing wilder.\n\nI do not dare to ride it. What should I do?\n\nHelen',
        ],
        [49 * MINUTE, 'event', 'Auto-assignment', 'gave this ticket to Jonas Okafor'],
      ],
    ),
    ticket(tomas, 'Display stays black after charging overnight', { priority: 'high', assignee: 'priya' }, [
      [
        5 * HOUR,
        'requester',
        'Tomás Rivera',
        'The display of my Tideline E no longer switches on since I charged it overnight. The battery shows four lights. I need it for work on Thursday.',
      ],
      [
        4 * HOUR + 20 * MINUTE,
        'agent',
        'Priya Raman',
        'Hello Tomás,\n\nthat sounds like the display lost its pairing. Please hold the power and the minus button together for ten seconds, until the battery lights blink twice, and tell me whether it comes back.\n\nKind regards\nPriya',
      ],
      [
        38 * MINUTE,
        'requester',
        'Tomás Rivera',
        'They blinked twice, but the display is still black. Under a lamp I can see a faint drop of water behind the glass.',
      ],
    ]),
    ticket(['Ruth Okonjo', 'ruth@example.net'], 'Re: Your order 48213 has shipped', { priority: 'high' }, [
      [
        76 * MINUTE,
        'requester',
        'Ruth Okonjo',
        'Wrong frame size delivered: I ordered a 54, the label says 58. See my order below.',
        ORDER_MAIL,
      ],
    ]),
    ticket(
      ['Dealer North, Bergen', 'workshop@dealer-north.example'],
      'Dealer portal refuses the new password',
      { priority: 'normal' },
      [
        [
          2 * HOUR + 5 * MINUTE,
          'requester',
          'Dealer North, Bergen',
          'Since the reset yesterday evening the portal says "wrong password" for both of our logins. Four customers are waiting for spare parts that we can only order there.',
        ],
      ],
    ),
    ticket(
      ['Ines Caldeira', 'ines.caldeira@example.com'],
      'Refund has not arrived after 14 days',
      { priority: 'high', assignee: 'jonas' },
      [
        [
          2 * DAY,
          'requester',
          'Ines Caldeira',
          'My return arrived at your warehouse on the 3rd. The refund of €89 for the panniers is still missing.',
        ],
        [
          DAY + 3 * HOUR,
          'agent',
          'Jonas Okafor',
          'Hello Ines,\n\nI see the return in our system, but no booking. I have asked our accounts and will come back to you tomorrow.\n\nKind regards\nJonas',
        ],
        [3 * HOUR, 'requester', 'Ines Caldeira', 'Thank you. Is there any news today?'],
      ],
    ),
    ticket(
      ['Oluwaseun Adeyemi', 'seun@example.org'],
      'Change of delivery address for order 48377',
      { assignee: 'priya' },
      [
        [
          3 * HOUR + 10 * MINUTE,
          'requester',
          'Oluwaseun Adeyemi',
          'I am moving this weekend. Can order 48377 please go to Harbour Row 12 instead?',
        ],
      ],
    ),
    ticket(['Meike Brandt', 'meike.brandt@example.de'], 'Invoice without VAT number', { priority: 'low' }, [
      [
        7 * HOUR,
        'requester',
        'Meike Brandt',
        'Our accounting needs the invoice 2291 with our VAT number on it: DE 000 000 000. Can you issue it again?',
      ],
    ]),
    ticket(
      ['Sanjay Mehta', 'sanjay.mehta@example.in'],
      'Rear brake squeals in the wet',
      { state: 'waiting', assignee: 'jonas' },
      [
        [
          DAY + 6 * HOUR,
          'requester',
          'Sanjay Mehta',
          'The rear brake squeals terribly whenever it rains, since the first day. Is that normal for these pads?',
        ],
        [
          DAY + 2 * HOUR,
          'agent',
          'Jonas Okafor',
          'Hello Sanjay,\n\nnew pads need to be bedded in: twenty firm stops from about 25 km/h, without locking the wheel. Could you try that and tell me how it sounds after the next rain?\n\nKind regards\nJonas',
        ],
      ],
    ),
    ticket(
      tomas,
      'Is the warranty transferred to a second owner?',
      { state: 'resolved', priority: 'low', assignee: 'priya' },
      [
        [
          6 * DAY,
          'requester',
          'Tomás Rivera',
          'I want to buy a used Estuary from 2023. Does your five-year frame warranty come with it?',
        ],
        [
          5 * DAY + 20 * HOUR,
          'agent',
          'Priya Raman',
          'Hello Tomás,\n\nyes: with the original receipt the frame warranty moves to you. Register the frame number in your account and you are set.\n\nKind regards\nPriya',
        ],
        [5 * DAY + 19 * HOUR, 'event', 'Priya Raman', 'set the state to resolved'],
      ],
    ),
    ticket(
      ['Cycling Club Fjordside', 'board@fjordside.example'],
      'Group order: twelve touring bikes in spring',
      { state: 'resolved', assignee: 'mara' },
      [
        [
          9 * DAY,
          'requester',
          'Cycling Club Fjordside',
          'We would like to order twelve Tidelines for our spring tour. Is there a price for clubs?',
        ],
        [
          8 * DAY,
          'agent',
          'Mara Lindqvist',
          'Hello,\n\nwith pleasure: 12 % from ten bikes on, delivered assembled. The offer is attached to your account.\n\nKind regards\nMara',
        ],
        [7 * DAY + 22 * HOUR, 'event', 'Mara Lindqvist', 'set the state to resolved'],
      ],
    ),
  ];
}

/** A customer's mail as mail is: tables, styles, a picture from elsewhere, even a script. None of it may reach the desk. */
const ORDER_MAIL = `<div style="font-family: Georgia, serif; max-width: 34em">
<p>Good morning,</p>
<p>I ordered a <b>54</b>, but the label on the box says <b style="color: #b3261e">58</b>. I have <u>not</u> unpacked the frame. Can you collect it and send the right one before the <i>weekend</i>?</p>
<p>Ruth Okonjo</p>
<hr style="border: 0; border-top: 1px solid #ccc">
<table cellpadding="8" style="border-collapse: collapse; font: 14px sans-serif; background: #f3f6f5">
<tr><th align="left">Your order 48213</th><th align="right">Price</th></tr>
<tr><td>Estuary 2, slate grey, size 54</td><td align="right">€2,190.00</td></tr>
<tr><td>Mudguard set 700c</td><td align="right">€49.00</td></tr>
<tr><td><b>Total</b></td><td align="right"><b>€2,239.00</b></td></tr>
</table>
<p><a href="https://shop.example/orders/48213">View your order</a></p>
<img src="https://tracking.example/pixel.gif?open=48213" alt="" width="1" height="1">
<script>document.body.textContent = 'A script in a mail has run.'; parent.postMessage('hello', '*');</script>
</div>`;

type Arrival = Omit<NewTicket, 'requester'> & { name: string; email: string };

const ARRIVALS: readonly Arrival[] = [
  {
    name: 'Amara Nwosu',
    email: 'amara.nwosu@example.com',
    priority: 'normal',
    subject: 'Gear cable came loose on the first ride',
    text: 'The cable of the rear derailleur slipped out after about 10 km. Is there a workshop near Leeds that works for you?',
  },
  {
    name: 'Lukas Vogt',
    email: 'lukas.vogt@example.at',
    priority: 'high',
    subject: 'Battery gets hot while charging',
    text: 'The battery of my Tideline E becomes too hot to touch after an hour on the charger. I have unplugged it. Is it safe to go on?',
  },
  {
    name: 'Chiara Bellini',
    email: 'chiara@example.it',
    priority: 'low',
    subject: 'Which colour is the 2025 Estuary?',
    text: 'On your page it is called "kelp". Is that closer to green or to grey?',
  },
  {
    name: 'Spoke & Sons',
    email: 'hello@spoke-and-sons.example',
    priority: 'normal',
    subject: 'Two headsets missing in delivery 7781',
    text: 'The delivery note says six headsets, the box held four. Photos of box and note can follow.',
  },
  {
    name: 'Yusuf Demir',
    email: 'yusuf.demir@example.com',
    priority: 'urgent',
    subject: 'Brake lever snapped while riding',
    text: 'The left brake lever broke off on a descent today. I am fine, but this must not happen. Frame number TC-20417.',
  },
  {
    name: 'Freya Holm',
    email: 'freya.holm@example.dk',
    priority: 'normal',
    subject: 'Child seat for the Tideline',
    text: 'Which child seats may I fit on the carrier of the Tideline, and up to what weight?',
  },
  {
    name: 'Marek Nowak',
    email: 'marek.nowak@example.pl',
    priority: 'high',
    subject: 'Charged twice for order 48402',
    text: 'My bank shows two payments of €129.00 on the same day for order 48402. Please send one of them back.',
  },
];

/** The next customer's mail, in turn; `count` is how many have come. */
export function arrivalAt(count: number): NewTicket {
  const { name, email, ...rest } = ARRIVALS[count % ARRIVALS.length] as Arrival;
  return { ...rest, requester: { name, email, person: null } };
}
