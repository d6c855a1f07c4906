/** What is asked, and words for what went wrong. */
@NullMarked
package dev.kimi.samples.quickstart.conversation;

import org.jspecify.annotations.NullMarked;
