/** Credentials that Spring Security obtains. */
@NullMarked
package dev.kimi.starter.springsecurity;

import org.jspecify.annotations.NullMarked;
