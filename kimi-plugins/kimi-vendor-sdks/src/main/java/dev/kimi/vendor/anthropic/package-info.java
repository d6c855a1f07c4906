/** Anthropic's client over a Kimi client. */
@NullMarked
package dev.kimi.vendor.anthropic;

import org.jspecify.annotations.NullMarked;
