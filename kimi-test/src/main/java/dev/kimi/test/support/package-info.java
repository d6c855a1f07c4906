/** What tests of a transport need beside the simulator: a server with scripted frames, a certificate, a wait. */
@NullMarked
package dev.kimi.test.support;

import org.jspecify.annotations.NullMarked;
