/** The service beyond chat: its models, and any endpoint that has no method of its own. */
@NullMarked
package dev.kimi.service;

import org.jspecify.annotations.NullMarked;
