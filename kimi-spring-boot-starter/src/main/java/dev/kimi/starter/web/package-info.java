/** What controllers throw and return: failed calls as problem details, responses and events as JSON. */
@NullMarked
package dev.kimi.starter.web;

import org.jspecify.annotations.NullMarked;
