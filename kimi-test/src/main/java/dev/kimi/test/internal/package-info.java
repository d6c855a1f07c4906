/** What the simulated service knows about models, requests and wording; no part of the public API. */
@NullMarked
package dev.kimi.test.internal;

import org.jspecify.annotations.NullMarked;
