// Times as the reader's own clock shows them; what is relative stays true while the page is open.
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockAndDay = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** @param {number} ms */
function agoText(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

function show() {
  const now = Date.now();
  for (const time of document.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = exact.format(at);
    if ('ago' in time.dataset) time.textContent = agoText(now - at.getTime());
    else if ('clock' in time.dataset) time.textContent = (isToday(at) ? clock : clockAndDay).format(at);
  }
}

/** @param {Date} at */
function isToday(at) {
  return at.toDateString() === new Date().toDateString();
}

show();
setInterval(show, 30_000);
