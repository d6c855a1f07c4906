/** What happened to a call, for metrics and traces; never a prompt, a response or a secret. */
@NullMarked
package dev.kimi.event;

import org.jspecify.annotations.NullMarked;
