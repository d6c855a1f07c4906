/** The conversation, and messages for what went wrong. */
@NullMarked
package dev.kimi.samples.quickstart.conversation;

import org.jspecify.annotations.NullMarked;
