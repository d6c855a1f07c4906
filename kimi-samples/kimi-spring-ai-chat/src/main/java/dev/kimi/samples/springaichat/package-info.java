/** A conversation through the ChatClient of Spring AI, with tools, memory and a record, with Kimi and with Claude. */
@NullMarked
package dev.kimi.samples.springaichat;

import org.jspecify.annotations.NullMarked;
