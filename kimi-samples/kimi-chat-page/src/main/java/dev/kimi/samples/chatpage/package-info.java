/** A chat page, and what it talks to: server-sent events from {@link dev.kimi.KimiClient}. */
@NullMarked
package dev.kimi.samples.chatpage;

import org.jspecify.annotations.NullMarked;
