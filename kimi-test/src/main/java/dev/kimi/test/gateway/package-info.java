/**
 * The contract of a gateway that speaks Anthropic's Messages API with Kimi and Claude behind it, as tests to run
 * against any gateway. They need {@code junit-jupiter-api} on the class path, which this module does not bring along.
 */
@NullMarked
package dev.kimi.test.gateway;

import org.jspecify.annotations.NullMarked;
