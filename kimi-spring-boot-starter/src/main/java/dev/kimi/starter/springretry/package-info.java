/** Spring Retry as a way to say what is tried again: evaluated by the engine, which alone waits. */
@NullMarked
package dev.kimi.starter.springretry;

import org.jspecify.annotations.NullMarked;
