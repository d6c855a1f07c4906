/** The admin face: a page and an API for those who run the gateway, with a credential of its own. */
@NullMarked
package dev.kimi.gateway.admin;

import org.jspecify.annotations.NullMarked;
