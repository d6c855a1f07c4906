/** What is said to a model and what comes back: immutable requests, responses, streams. */
@NullMarked
package dev.kimi.chat;

import org.jspecify.annotations.NullMarked;
