/* SPDX-License-Identifier: MIT
 *
 * The local server's page: choose or bring pictures, order them, check them, run, look, save. One job at a time; what it
 * knows of the job is what the server said last (`job`), and the page is drawn from that. All text goes through textContent.
 */
(function () {
  'use strict';

  const byId = (id) => document.getElementById(id);
  const DAY = 86400000;
  const FIRST_DAY = Date.UTC(2000, 0, 1), STEP_DAYS = 10; /* of pictures that have no dates at all */

  let limits = {max_upload: 2048e6, max_pictures: 60};
  let job = null;      /* as the server told it */
  let order = [];      /* numbers of the pictures, in the order shown */
  const given = {};    /* dates given by hand, by number */
  const sending = [];  /* uploads: {file, share, error, key} */
  let busy = false;    /* an upload is on its way */
  let asked = '';      /* what the latest check was asked about */
  let viewer = null, viewed = '';
  let timer = 0;

  const {el} = window.clearvisionViewer;

  function size(bytes) {
    const mega = bytes / 1e6;
    return mega >= 1000 ? (mega / 1000).toFixed(1) + '\u202fGB' : mega >= 10 ? Math.round(mega) + '\u202fMB'
      : mega >= 0.1 ? mega.toFixed(1) + '\u202fMB' : Math.max(1, Math.round(bytes / 1000)) + '\u202fkB';
  }

  const percent = (share) => Math.round(100 * share) + '\u202f%';

  function problem(text) {
    byId('problem').textContent = text || '';
    byId('problem').hidden = !text;
    if (text && byId('problem').getBoundingClientRect().top < 0) byId('problem').scrollIntoView({block: 'start'});
  }

  /* ---- The server ----------------------------------------------------------------------------------- */

  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(path, {method, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store'});
    } catch (failure) {
      throw new Error('The server does not answer. Is clearvision serve still running?');
    }
    let data = null;
    try {
      data = await answer.json();
    } catch (failure) {
      /* what is said below is enough */
    }
    if (!answer.ok) {
      const failure = new Error(data && data.error ? data.error : 'The server answered with ' + answer.status);
      failure.status = answer.status;
      throw failure;
    }
    return data;
  }

  const address = (rest) => 'api/jobs/' + job.id + (rest || '');

  async function attempt(action) {
    try {
      await action();
      return true;
    } catch (failure) {
      if (failure.status === 404 && job) {
        forget();
        problem('This series is not there any more: it was not used for a while. Add its pictures again.');
      } else {
        problem(failure.message);
      }
      return false;
    }
  }

  function remember(next) {
    job = next;
    try {
      sessionStorage.setItem('clearvision-job', job.id);
    } catch (refused) {
      /* a reload then begins anew */
    }
    for (const picture of job.pictures) if (!order.includes(picture.number)) order.push(picture.number);
    order = order.filter((number) => job.pictures.some((picture) => picture.number === number));
    draw();
    watch();
  }

  function forget() {
    job = null;
    order = [];
    asked = '';
    sending.length = 0;
    for (const key of Object.keys(given)) delete given[key];
    try {
      sessionStorage.removeItem('clearvision-job');
    } catch (refused) {
      /* nothing was kept */
    }
    showResult(false);
    if (viewer) viewer.destroy();
    viewer = null;
    viewed = '';
    draw();
  }

  /* Something is going on: ask often. Else say now and then that the page is still there. */
  function watch() {
    window.clearTimeout(timer);
    if (!job) return;
    const active = (state) => state === 'waiting' || state === 'running';
    const soon = job.pictures.some((p) => p.state === 'waiting' || p.state === 'coming') || active(job.check.state) || active(job.run.state);
    timer = window.setTimeout(() => attempt(async () => {
      if (job) remember(await ask('GET', address()));
    }).then((fine) => {
      if (!fine && job) timer = window.setTimeout(watch, 3000);
    }), soon ? 400 : 20000);
  }

  /* ---- Pictures and their dates --------------------------------------------------------------------- */

  const pictureOf = (number) => job.pictures.find((picture) => picture.number === number);
  const usable = () => order.map(pictureOf).filter((picture) => picture && picture.state === 'good');
  const own = (picture) => picture.dates > 1 || picture.first !== null;
  const dayText = (time) => new Date(time).toISOString().slice(0, 10);

  /* No picture tells its date, and nobody has: their order is all there is. */
  const undated = () => usable().length > 0 && usable().every((picture) => !own(picture) && !given[picture.number]);

  function dateOf(picture) {
    if (undated()) return dayText(FIRST_DAY + STEP_DAYS * DAY * usable().indexOf(picture));
    return given[picture.number] || picture.first || '';
  }

  function sortByDate() {
    if (undated()) return;
    const key = (number) => {
      const picture = pictureOf(number);
      return picture.state === 'good' ? dateOf(picture) || '9998' : '9999';
    };
    order.sort((a, b) => key(a).localeCompare(key(b)) || a - b);
  }

  /* {pictures, dates} for the server, or null while something is missing. */
  function plan() {
    const pictures = usable();
    if (pictures.reduce((sum, picture) => sum + picture.dates, 0) < 2) return null;
    if (sending.some((upload) => !upload.error) || job.pictures.some((p) => p.state === 'waiting' || p.state === 'coming')) return null;
    const byHand = pictures.some((picture) => given[picture.number] || !own(picture));
    const dates = pictures.map((picture) => (byHand && picture.dates === 1 ? dateOf(picture) : null));
    if (byHand && pictures.some((picture, i) => picture.dates === 1 && !dates[i])) return null;
    return {pictures: pictures.map((picture) => picture.number), dates};
  }

  function giveDate(picture, value) {
    if (undated()) { /* the other dates stay as they were shown */
      const shown = usable().map((p) => [p.number, dateOf(p)]);
      for (const [number, date] of shown) given[number] = date;
    }
    if (value) given[picture.number] = value;
    else delete given[picture.number];
    draw();
  }

  function move(picture, by) {
    const numbers = usable().map((p) => p.number), at = numbers.indexOf(picture.number), to = at + by;
    if (to < 0 || to >= numbers.length) return;
    const a = order.indexOf(numbers[at]), b = order.indexOf(numbers[to]);
    [order[a], order[b]] = [order[b], order[a]];
    draw('move' + (by < 0 ? 'back' : 'on') + picture.number);
  }

  function takeAway(picture) {
    attempt(async () => remember(await ask('DELETE', address('/pictures/' + picture.number))));
  }

  /* ---- Uploads -------------------------------------------------------------------------------------- */

  function send(upload) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest(); /* fetch() does not tell how far an upload is */
      request.open('POST', address('/pictures?name=' + encodeURIComponent(upload.file.name)));
      request.upload.onprogress = (event) => {
        upload.share = event.total ? event.loaded / event.total : 0;
        if (upload.bar) upload.bar.value = upload.share;
      };
      request.onload = () => {
        let data = null;
        try {
          data = JSON.parse(request.responseText);
        } catch (failure) {
          /* the status says enough */
        }
        if (request.status !== 201) upload.error = (data && data.error) || 'The server answered with ' + request.status;
        resolve();
      };
      request.onerror = () => {
        upload.error = 'The upload was interrupted';
        resolve();
      };
      request.send(upload.file);
    });
  }

  async function sendAll() {
    if (busy) return;
    busy = true;
    for (let next = sending.find((upload) => !upload.done); next && job; next = sending.find((upload) => !upload.done)) {
      await send(next);
      next.done = true;
      if (!next.error) sending.splice(sending.indexOf(next), 1);
      await attempt(async () => {
        if (job) remember(await ask('GET', address()));
      });
    }
    busy = false;
    draw();
  }

  async function bring(files) {
    files = [...files];
    if (!files.length) return;
    problem('');
    if (job && job.title) await leaveJob();
    if (!job && !(await attempt(async () => remember(await ask('POST', 'api/jobs', {}))))) return;
    let room = limits.max_upload - job.bytes - sending.reduce((sum, upload) => sum + (upload.error ? 0 : upload.file.size), 0);
    let places = limits.max_pictures - job.pictures.filter((p) => p.state !== 'bad').length - sending.filter((u) => !u.error).length;
    for (const file of files) {
      const upload = {file, share: 0, error: null, done: false};
      if (places <= 0) upload.error = 'More than ' + limits.max_pictures + ' pictures';
      else if (file.size > room) upload.error = 'More than ' + size(limits.max_upload) + ' in one series';
      else if (file.size === 0) upload.error = 'This file is empty';
      if (upload.error) {
        upload.done = true;
      } else {
        room -= file.size;
        places--;
      }
      sending.push(upload);
    }
    draw();
    sendAll();
  }

  async function leaveJob() {
    const left = job;
    forget();
    if (left) await attempt(async () => ask('DELETE', 'api/jobs/' + left.id));
  }

  async function takeExample(number) {
    problem('');
    await attempt(async () => remember(await ask('POST', 'api/jobs', {example: number})));
  }

  /* ---- Check and run -------------------------------------------------------------------------------- */

  function checkWhenReady() {
    const wanted = job ? plan() : null;
    const text = wanted ? JSON.stringify(wanted) : '';
    if (!wanted || text === asked) return;
    asked = text;
    attempt(async () => remember(await ask('POST', address('/check'), wanted)));
  }

  /* Pixels are a number, metres a text; null: none of both. */
  function dilation(number) {
    const unit = byId('dilate-unit').value, value = number('dilate', 0, Number(byId('dilate').max));
    return isNaN(value) ? null : unit ? value + unit : value;
  }

  function limitDilation() {
    byId('dilate').max = byId('dilate-unit').value ? 1000 : 64;
  }

  function options() {
    const number = (id, least, most) => {
      const value = Number(byId(id).value);
      return byId(id).value !== '' && value >= least && value <= most ? value : NaN;
    };
    return {
      stack: byId('stack').checked, masks: byId('masks').checked, quality: byId('quality').checked, full: byId('full').checked,
      method: byId('method').value, dilate: dilation(number), threshold: number('threshold', 1, 100) / 100,
    };
  }

  function run() {
    const wanted = plan(), chosen = options();
    if (!wanted || !byId('settings').reportValidity() || chosen.dilate === null || isNaN(chosen.threshold)) return;
    problem('');
    viewed = '';
    attempt(async () => remember(await ask('POST', address('/run'), Object.assign({options: chosen}, wanted))));
  }

  /* ---- Drawing -------------------------------------------------------------------------------------- */

  function facts(picture) {
    const parts = [picture.width + '\u202f×\u202f' + picture.height];
    if (picture.pixel_m) parts.push(Number(picture.pixel_m.toPrecision(3)) + '\u202fm');
    parts.push(picture.channels + ' bands');
    if (picture.bytes) parts.push(size(picture.bytes));
    return parts.join(' · ');
  }

  /* Share of cloud by number of picture, as the check estimated it; only of pictures with one date. */
  function clouds() {
    const shares = {};
    const series = job.check.state === 'done' && job.check.series;
    const pictures = asked ? JSON.parse(asked).pictures : [];
    for (const date of (series && series.dates) || []) {
      const number = pictures[date.input];
      if (number !== undefined && typeof date.cloud_share === 'number') (shares[number] = shares[number] || []).push(date.cloud_share);
    }
    return shares;
  }

  function drawPicture(picture, shares, working) {
    const card = el('li', {class: 'cv-card app-picture'});
    const thumb = el('div', {class: 'app-thumb'});
    if (picture.thumb) thumb.append(el('img', {src: address('/pictures/' + picture.number + '.png'), alt: 'Small picture of ' + picture.name}));
    else thumb.textContent = picture.state === 'bad' ? 'Not usable' : 'Reading…';
    card.append(thumb);
    const good = picture.state === 'good';
    if (good && picture.dates > 1) {
      card.append(el('span', {class: 'app-when', text: picture.first + ' to ' + picture.last}),
                  el('span', {class: 'app-soft', text: picture.dates + ' dates'}));
    } else if (good && own(picture) && !given[picture.number]) {
      card.append(el('time', {class: 'app-when', datetime: picture.first, text: picture.first}));
    } else if (good) {
      const input = el('input', {type: 'date', value: dateOf(picture), 'aria-label': 'Date of ' + picture.name, required: true,
                                 min: '1972-01-01', max: '2199-12-31', id: 'date' + picture.number, disabled: working});
      input.addEventListener('change', () => giveDate(picture, input.value));
      card.append(input);
    }
    card.append(el('span', {class: 'app-name', text: picture.name}));
    if (good) card.append(el('span', {class: 'app-soft', text: facts(picture)}));
    const share = shares[picture.number];
    if (good && share)
      card.append(el('span', {class: 'app-soft', text: 'about ' + percent(share.reduce((a, b) => a + b, 0) / share.length) + ' cloud'}));
    if (picture.error || picture.state === 'bad') card.append(el('span', {class: 'app-bad', text: picture.error || 'Cannot be used'}));
    const buttons = el('div', {class: 'app-buttons'});
    if (good && undated()) {
      buttons.append(el('button', {class: 'cv-button', type: 'button', id: 'moveback' + picture.number, 'aria-label': 'Move ' + picture.name + ' earlier',
                                   text: '←', onclick: () => move(picture, -1), disabled: working}),
                     el('button', {class: 'cv-button', type: 'button', id: 'moveon' + picture.number, 'aria-label': 'Move ' + picture.name + ' later',
                                   text: '→', onclick: () => move(picture, 1), disabled: working}));
    }
    if (!job.title && picture.state !== 'coming')
      buttons.append(el('button', {class: 'cv-button', type: 'button', 'aria-label': 'Remove ' + picture.name, text: 'Remove',
                                   onclick: () => takeAway(picture), disabled: working}));
    if (buttons.childNodes.length) card.append(buttons);
    return card;
  }

  function drawUpload(upload) {
    const card = el('li', {class: 'cv-card app-picture'}, el('div', {class: 'app-thumb', text: upload.error ? 'Not taken' : 'Uploading…'}));
    card.append(el('span', {class: 'app-name', text: upload.file.name}), el('span', {class: 'app-soft', text: size(upload.file.size)}));
    if (upload.error) {
      card.append(el('span', {class: 'app-bad', text: upload.error}),
                  el('div', {class: 'app-buttons'}, el('button', {class: 'cv-button', type: 'button', text: 'Close', 'aria-label': 'Close the message about ' + upload.file.name,
                    onclick: () => { sending.splice(sending.indexOf(upload), 1); draw(); }})));
    } else {
      upload.bar = el('progress', {max: '1', value: String(upload.share), 'aria-label': 'Upload of ' + upload.file.name});
      card.append(upload.bar);
    }
    return card;
  }

  let drawn = '';
  function drawPictures(working) {
    const shares = clouds();
    /* Not rebuilt while nothing has changed: somebody may be typing a date. */
    const state = JSON.stringify([job.pictures, order, given, shares, working, sending.map((u) => [u.file.name, u.error, u.done])]);
    if (state === drawn) return;
    drawn = state;
    byId('pictures').replaceChildren(...order.map((number) => drawPicture(pictureOf(number), shares, working)), ...sending.map(drawUpload));
    const count = usable().reduce((sum, picture) => sum + picture.dates, 0);
    byId('count').textContent = (job.title ? job.title + ' · ' : '') + count + (count === 1 ? ' date' : ' dates');
    const missing = usable().some((picture) => picture.dates === 1 && !dateOf(picture));
    byId('order').hidden = !undated() && !missing;
    byId('order').textContent = undated()
      ? 'The dates of these pictures are not known. Put them in order of time; regular dates are filled in, which you can correct.'
      : 'The dates of some pictures are not known. Enter one for each.';
  }

  function drawCheck() {
    const check = job.check, series = check.state === 'done' ? check.series : null;
    const reading = sending.some((u) => !u.error) || job.pictures.some((p) => p.state === 'waiting' || p.state === 'coming');
    const few = usable().reduce((sum, picture) => sum + picture.dates, 0) < 2;
    const wait = byId('check-wait');
    wait.textContent = reading ? 'The pictures are being read.' : few ? 'At least 2 pictures of the same place are needed; 5 to 10 are best.'
      : !plan() ? 'Give every picture a date.' : check.state === 'waiting' || check.state === 'running' ? 'Checking the series…' : '';
    wait.hidden = !wait.textContent;
    const lines = [];
    if (!wait.textContent && check.state === 'failed') lines.push({state: 'warning', text: check.error || 'The series cannot be read', advice: null});
    if (!wait.textContent && series) lines.push(...series.checks);
    const item = (line) =>
      el('li', {class: 'cv-check-' + (line.state === 'warning' ? 'warning' : line.state === 'note' ? 'note' : 'ok')},
         el('span', {class: 'cv-state', text: {warning: 'Warning', note: 'Note'}[line.state] || 'OK'}),
         el('span', {}, line.text + (/[.!?]$/.test(line.text) ? '' : '.'), line.advice ? el('span', {class: 'cv-advice', text: ' ' + line.advice}) : null));
    const open = lines.filter((line) => line.state !== 'ok'), fine = lines.filter((line) => line.state === 'ok');
    byId('checks').replaceChildren(...open.map(item));
    byId('fine-list').replaceChildren(...fine.map(item));
    byId('fine-title').textContent = open.length ? 'What is suitable' : 'The series is suitable';
    byId('fine').hidden = !fine.length;
    byId('check').hidden = !lines.length && !wait.textContent;
  }

  function drawRun(working) {
    const run = job.run;
    byId('run').disabled = working || !plan() || job.check.state === 'failed';
    byId('run').textContent = run.state === 'done' ? 'Run again' : 'Remove the clouds';
    byId('look').hidden = run.state !== 'done';
    byId('progress').hidden = run.state === 'none' || run.state === 'done';
    byId('cancel').hidden = !working;
    byId('bar').hidden = !working;
    byId('bar').value = run.progress;
    byId('progress-text').textContent =
      run.state === 'waiting' ? 'Waiting: place ' + run.position + ' in the queue'
        : run.state === 'running' ? 'Removing the clouds: ' + percent(run.progress)
          : run.state === 'cancelled' ? 'Cancelled' : run.state === 'failed' ? run.error || 'It failed' : '';
    byId('messages').replaceChildren(...run.messages.map((text) => el('li', {text})));
    for (const field of byId('settings').elements) field.disabled = working;
  }

  function draw(focus) {
    byId('choose').hidden = job !== null;
    byId('job').hidden = job === null;
    if (!job) {
      drawn = '';
      return;
    }
    const working = job.run.state === 'waiting' || job.run.state === 'running';
    const held = focus || (document.activeElement && document.activeElement.id);
    sortByDate();
    drawPictures(working);
    drawCheck();
    drawRun(working);
    byId('more').hidden = working || job.title !== null;
    byId('anew').disabled = working;
    if (held && byId(held) && document.activeElement !== byId(held)) byId(held).focus({preventScroll: true});
    if (!working) checkWhenReady();
    if (job.run.state === 'done' && viewed !== job.id + job.run.seconds) openResult();
  }

  /* ---- The result ----------------------------------------------------------------------------------- */

  function showResult(on) {
    byId('result').hidden = !on;
    byId('work').hidden = on;
    window.scrollTo(0, 0);
    document.title = on ? 'Result – Clear Vision' : 'Clear Vision';
  }

  function openResult() {
    viewed = job.id + job.run.seconds;
    const base = 'jobs/' + job.id + '/report/';
    attempt(async () => {
      const series = await ask('GET', base + 'series.json');
      series.title = job.title || 'Your pictures';
      if (viewer) viewer.destroy();
      showResult(true);
      viewer = window.clearvisionViewer.mount(byId('view'), series, base);
      const zip = job.run.zip;
      byId('zip').href = 'jobs/' + job.id + '/' + zip.name;
      byId('zip').textContent = 'Save all (zip, ' + size(zip.bytes) + ')';
      byId('took').textContent = 'Done in ' + (job.run.seconds < 10 ? job.run.seconds.toFixed(1) : Math.round(job.run.seconds)) + '\u202fs';
      byId('back').focus({preventScroll: true});
    });
  }

  /* ---- Wiring --------------------------------------------------------------------------------------- */

  function drawExamples(examples) {
    byId('examples').replaceChildren(...examples.map((example, number) =>
      el('li', {}, el('button', {class: 'cv-button', type: 'button', onclick: () => takeExample(number)},
                     el('b', {text: example.title}),
                     el('span', {class: 'app-soft', text: example.dates + ' dates' + (example.first ? ', ' + example.first + ' to ' + example.last : '')})))));
    byId('examples').parentNode.hidden = !examples.length;
  }

  byId('files').addEventListener('change', () => {
    bring(byId('files').files);
    byId('files').value = '';
  });
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.add('app-over');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('app-over');
  });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove('app-over');
    const working = job && (job.run.state === 'waiting' || job.run.state === 'running');
    if (!working && byId('result').hidden) bring(event.dataTransfer.files);
  });
  byId('settings').addEventListener('submit', (event) => event.preventDefault());
  byId('run').addEventListener('click', run);
  byId('dilate-unit').addEventListener('change', limitDilation);
  byId('cancel').addEventListener('click', () => attempt(async () => remember(await ask('POST', address('/cancel')))));
  byId('anew').addEventListener('click', () => {
    problem('');
    leaveJob();
  });
  byId('look').addEventListener('click', openResult);
  byId('back').addEventListener('click', () => {
    showResult(false);
    byId('look').focus({preventScroll: true});
  });
  /* The pictures need not stay when the page is gone; a reload comes back in time. */
  window.addEventListener('pagehide', () => {
    if (job) navigator.sendBeacon(address('/leave'));
  });

  async function begin() {
    byId('theme').append(window.clearvisionViewer.themeButton());
    if (location.search) history.replaceState(null, '', '/'); /* the cookie has the key now; the address need not show it */
    await attempt(async () => {
      limits = await ask('GET', 'api/state');
      byId('version').textContent = 'clearvision ' + limits.version;
      byId('dilate').value = parseFloat(limits.dilate);
      byId('dilate-unit').value = limits.dilate.endsWith('m') ? 'm' : '';
      limitDilation();
      byId('threshold').value = Math.round(100 * limits.threshold);
      byId('method').replaceChildren(...limits.methods.map((method) => el('option', {value: method.name, text: method.label})));
      drawExamples(limits.examples);
    });
    let known = null;
    try {
      known = sessionStorage.getItem('clearvision-job');
    } catch (refused) {
      /* nothing was kept */
    }
    if (known && /^[0-9a-f]{32}$/.test(known)) {
      try {
        remember(await ask('GET', 'api/jobs/' + known));
      } catch (gone) {
        forget();
      }
    }
    draw();
  }
  begin();
})();
