import type { ShowcaseEntry } from './showcase.ts';

/** Data messages, one or more of each kind that the chat draws by itself. */
export const dataShowcase: Readonly<Record<string, ShowcaseEntry>> = {
  card: {
    about: 'A product with a picture, facts and what to do with it',
    replies: [
      {
        messageType: 'Data',
        text: 'This one fits your wall best:',
        data: {
          type: 'card',
          title: 'Acme Sensor S4',
          subtitle: 'Temperature and humidity, indoors and out',
          image: 'https://assets.acme.example/sensor-s4.jpg',
          imageAlt: 'A round white sensor beside a window',
          text: 'Runs for three years on two AA batteries and keeps measuring without a connection.',
          fields: { price: '€ 34.90', delivery: '2 working days', warranty: '5 years' },
          actions: [
            { label: 'Add to basket', text: 'Add the Acme Sensor S4 to my basket', style: 'primary' },
            { label: 'Compare', text: 'Compare the Sensor S4 with the Sensor S2' },
            { label: 'Data sheet', url: 'https://docs.acme.example/sensor-s4' },
          ],
        },
      },
    ],
  },
  fields: {
    about: 'Facts of any kind, by name',
    replies: [
      {
        messageType: 'Data',
        text: 'Your latest order:',
        data: {
          order: 'AC-20417',
          status: 'In transit',
          giftWrapped: false,
          items: [
            { name: 'Acme Sensor, pack of 4', quantity: 1, price: '€ 89.00' },
            { name: 'Mounting kit', quantity: 2, price: '€ 12.50' },
          ],
          deliveryAddress: { name: 'Jane Doe', street: '4 Harbour Lane', city: 'Bergen', country: 'Norway' },
          total: '€ 114.00',
        },
      },
    ],
  },
  list: {
    about: 'Results to choose from',
    replies: [
      {
        messageType: 'Data',
        text: 'I found four articles:',
        data: {
          type: 'list',
          title: 'Help centre',
          items: [
            {
              title: 'Pair a sensor with the hub',
              subtitle: 'Hold the button for five seconds until the ring turns blue.',
              detail: '3 min',
              url: 'https://help.acme.example/pair',
            },
            {
              title: 'Why a sensor goes offline',
              subtitle: 'Distance, batteries and thick walls.',
              detail: '5 min',
              url: 'https://help.acme.example/offline',
            },
            { title: 'Export measurements', subtitle: 'As a spreadsheet or over the API.', detail: '4 min' },
            { title: 'Share a room with your family', detail: '2 min', text: 'How do I share a room?' },
          ],
        },
      },
    ],
  },
  table: {
    about: 'Rows that can be sorted and copied',
    replies: [
      {
        messageType: 'Data',
        text: 'These are your invoices of this year:',
        data: {
          type: 'table',
          title: 'Invoices',
          columns: [
            { key: 'number', label: 'Invoice' },
            { key: 'date', label: 'Date' },
            { key: 'status', label: 'Status' },
            { key: 'amount', label: 'Amount (€)' },
          ],
          rows: [
            { number: 'AC-20417', date: '2026-10-01', status: 'Open', amount: 114 },
            { number: 'AC-20398', date: '2026-09-01', status: 'Open', amount: 89 },
            { number: 'AC-20211', date: '2026-08-01', status: 'Paid', amount: 1289.5 },
            { number: 'AC-19876', date: '2026-07-01', status: 'Paid', amount: 89 },
            { number: 'AC-19544', date: '2026-06-01', status: 'Paid', amount: 102.5 },
          ],
        },
      },
    ],
  },
  'long-table': {
    about: 'Five thousand rows',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'table',
          title: 'Measurements',
          columns: ['Sensor', 'Minute', 'Temperature'],
          rows: Array.from({ length: 5_000 }, (_, index) => [
            `S4-${index % 7}`,
            index,
            Math.round(200 + 30 * Math.sin(index / 60)) / 10,
          ]),
        },
      },
    ],
  },
  bars: {
    about: 'A bar chart of two series',
    replies: [
      {
        messageType: 'Data',
        text: 'What your household used, by month:',
        data: {
          type: 'chart',
          chart: 'bar',
          title: 'Electricity',
          unit: 'kWh',
          labels: ['May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct'],
          series: [
            { name: '2025', values: [312, 280, 265, 270, 301, 344] },
            { name: '2026', values: [298, 251, 240, 262, 275, 310] },
          ],
        },
      },
    ],
  },
  line: {
    about: 'A line chart with a gap',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'chart',
          chart: 'line',
          title: 'Temperature in the greenhouse',
          unit: '°C',
          labels: ['00:00', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00'],
          series: [
            { name: 'Inside', values: [14.2, 13.1, null, 18.4, 24.9, 26.3, 21, 16.8] },
            { name: 'Outside', values: [6.1, 4.8, 4.2, 9, 14.5, 15.1, 11.2, 7.9] },
          ],
        },
      },
    ],
  },
  donut: {
    about: 'A donut chart',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'chart',
          chart: 'donut',
          title: 'Storage in use',
          unit: 'GB',
          labels: ['Photos', 'Measurements', 'Backups', 'Other'],
          values: [41.5, 27, 18.2, 6.3],
        },
      },
    ],
  },
  buttons: {
    about: 'Answers to press, and a link',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'buttons',
          text: 'Where shall we deliver it?',
          buttons: [
            { label: 'To my home', text: 'To my home, please' },
            { label: 'To a parcel shop', text: 'To a parcel shop, please' },
            { label: 'Opening hours', url: 'https://acme.example/hours' },
          ],
        },
      },
    ],
  },
  'quick-replies': {
    about: 'Short answers',
    replies: [
      {
        messageType: 'Data',
        text: 'How did the update go?',
        data: { type: 'quick_replies', replies: ['All good', 'Some trouble', 'I have not tried yet'] },
      },
    ],
  },
  suggestions: {
    about: 'What one may ask next, under a reply',
    replies: [
      {
        text: 'Your hub is online and runs version **4.2**. What would you like to know?',
        data: { suggestions: ['What is new in 4.2?', 'Restart the hub', 'Show my sensors'] },
      },
    ],
  },
  form: {
    about: 'Questions with rules: text, numbers, choices, a date',
    replies: [
      {
        messageType: 'Data',
        text: 'Let us book a technician.',
        data: {
          type: 'form',
          id: 'visit-1',
          title: 'Book a visit',
          description: 'It takes a minute. You can change it until the day before.',
          submit: 'Book',
          schema: {
            type: 'object',
            required: ['name', 'email', 'day', 'reason'],
            properties: {
              name: { type: 'string', title: 'Name', minLength: 2 },
              email: { type: 'string', title: 'E-mail', format: 'email' },
              day: { type: 'string', title: 'Day', format: 'date' },
              people: { type: 'integer', title: 'People at home', minimum: 1, maximum: 12, default: 2 },
              reason: {
                type: 'string',
                title: 'What is it about?',
                enum: ['install', 'repair', 'advice'],
                enumNames: ['Installation', 'Repair', 'Advice'],
              },
              rooms: {
                type: 'array',
                title: 'Rooms',
                items: { type: 'string', enum: ['Kitchen', 'Living room', 'Cellar'] },
              },
              notes: {
                type: 'string',
                title: 'Notes',
                description: 'Anything that helps us to find you.',
                maxLength: 500,
              },
              remind: { type: 'boolean', title: 'Remind me the day before', default: true },
            },
          },
        },
      },
    ],
  },
  approval: {
    about: 'A decision that the agent waits for',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'approval',
          id: 'refund-20398',
          title: 'Refund € 89.00?',
          text: 'The amount goes back to the card that ends in 4821. This cannot be undone.',
          details: { invoice: 'AC-20398', amount: '€ 89.00', card: '•••• 4821' },
          approve: 'Refund',
          decline: 'Not now',
        },
      },
    ],
  },
  'own-kind': {
    about: 'A type that only the page can draw; without its renderer it shows as fields',
    replies: [
      {
        messageType: 'Data',
        data: {
          type: 'order',
          number: 'AC-20417',
          status: 'In transit',
          track: 'https://track.acme.example/AC-20417',
          items: [{ name: 'Acme Sensor, pack of 4' }, { name: 'Mounting kit' }],
        },
      },
    ],
  },
};
