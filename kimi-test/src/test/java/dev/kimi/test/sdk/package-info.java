/** What the services' own clients make of a response, beside what ours does. */
@NullMarked
package dev.kimi.test.sdk;

import org.jspecify.annotations.NullMarked;
