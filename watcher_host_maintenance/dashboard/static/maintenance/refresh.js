// SPDX-License-Identifier: Apache-2.0

// Renew the result while something runs. The page itself is not loaded again,
// so that its scroll position stays, and a link keeps the focus.
(function () {
  'use strict';

  var result = document.getElementById('maintenance_result');
  var INTERVAL_MS = 1000 * (result.dataset.intervalS || 3);
  var problem = document.getElementById('maintenance_problem');

  function part() {
    return result.querySelector('[data-runs]');
  }

  function replace(html) {
    var plan = part().dataset.plan;
    var focused = document.activeElement;
    var id = result.contains(focused) ? focused.id : '';
    result.innerHTML = html;
    if (id && document.getElementById(id)) {
      document.getElementById(id).focus();
    }
    problem.textContent = '';
    // The buttons, and why servers stay, are outside of what is renewed.
    if (part().dataset.runs !== 'yes' || part().dataset.plan !== plan) {
      window.location.reload();
      return;
    }
    window.setTimeout(refresh, INTERVAL_MS);
  }

  function refresh() {
    fetch(result.dataset.refreshUrl, {
      credentials: 'same-origin',
      headers: {'X-Requested-With': 'XMLHttpRequest'}
    }).then(function (answer) {
      // Signed out, or not allowed any more: the page itself says so.
      if (answer.redirected || answer.status === 401 ||
          answer.status === 403) {
        window.location.reload();
        return null;
      }
      return answer.text().then(function (text) {
        if (answer.ok) {
          replace(text);
          return;
        }
        var type = answer.headers.get('Content-Type') || '';
        var isPlain = type.indexOf('text/plain') === 0;
        problem.textContent = isPlain ? text
          : result.dataset.lost + ' (HTTP ' + answer.status + ')';
        if (answer.status >= 500) {
          window.setTimeout(refresh, INTERVAL_MS);
        }
      });
    }).catch(function (error) {
      problem.textContent = error.message;
      window.setTimeout(refresh, INTERVAL_MS);
    });
  }

  if (part() && part().dataset.runs === 'yes') {
    window.setTimeout(refresh, INTERVAL_MS);
  }
}());
