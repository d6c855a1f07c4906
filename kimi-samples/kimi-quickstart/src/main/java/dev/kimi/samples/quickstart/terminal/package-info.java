/** What is printed. */
@NullMarked
package dev.kimi.samples.quickstart.terminal;

import org.jspecify.annotations.NullMarked;
