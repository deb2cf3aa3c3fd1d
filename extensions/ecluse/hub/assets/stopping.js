"use strict";
setTimeout(() => { window.location.reload(); }, 1500);
