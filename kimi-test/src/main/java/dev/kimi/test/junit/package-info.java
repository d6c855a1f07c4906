/** JUnit Jupiter support; needs {@code junit-jupiter-api} on the class path, which this module does not bring along. */
@NullMarked
package dev.kimi.test.junit;

import org.jspecify.annotations.NullMarked;
