/* SPDX-License-Identifier: MIT
 *
 * limits: how much of the machine a page's visitors can take. Whatever reaches one of these is refused with a line that
 * says so; nothing here grows with what visitors send.
 */
#ifndef CLV_SERVE_LIMITS_H
#define CLV_SERVE_LIMITS_H

#define CLV_SERVE_MAX_FILES 60     /* pictures of a job */
#define CLV_SERVE_MAX_SLOTS 240    /* pictures that were ever added to a job */
#define CLV_SERVE_MAX_JOBS 64      /* jobs of all visitors together */
#define CLV_SERVE_MAX_JOBS_EACH 4  /* jobs of one visitor */
#define CLV_SERVE_UPLOADS_TIMES 4  /* all jobs' uploads together: so many times what one job may have */
#define CLV_SERVE_MAX_PIXELS 150e6 /* of a picture; a Sentinel-2 tile at 10 m has 121 million */
#define CLV_SERVE_MAX_SERIES_PIXELS                                                                                    \
    2e9                                /* of all pictures of a job: declared sizes cost nothing, working on them does */
#define CLV_SERVE_MAX_CUBE_BYTES 512e6 /* of all cubes of a job, unpacked: they are held in memory */
#define CLV_SERVE_MAX_DATES 60         /* of a job, after stacks and cubes are split */
#define CLV_SERVE_MAX_CHANNELS 64      /* of a picture */
#define CLV_SERVE_MAX_BODY 65536       /* bytes of a request that is no upload */
#define CLV_SERVE_MAX_DISCARD 67108864 /* bytes of a refused body that are read for the answer to arrive */
#define CLV_SERVE_MAX_RESULTS 1024     /* files of a result */
#define CLV_SERVE_CONNECTIONS 192      /* open at the same time */
#define CLV_SERVE_UNKNOWN 32           /* of these, without the token: fewer than one of the threads below may have */
#define CLV_SERVE_CONNECTION_BYTES 32768 /* of memory of a connection: bounds its headers */
#define CLV_SERVE_THREADS 4              /* that answer requests */
#define CLV_SERVE_IDLE_SECONDS 30        /* without a byte: the connection is closed */
#define CLV_SERVE_HEADER_SECONDS 20      /* from connecting (or the last answer) to a whole request head */
#define CLV_SERVE_BODY_SECONDS 20        /* for a request's body that is no upload */
#define CLV_SERVE_SLOW_SECONDS 60        /* after so long an upload must have come at CLV_SERVE_SLOW_BYTES a second */
#define CLV_SERVE_SLOW_BYTES 4096
#define CLV_SERVE_LEAVE_SECONDS 60 /* a job stays so long after its page said good-bye: it may be a reload */
#define CLV_SERVE_MESSAGES 60      /* remarks kept of a run */
#define CLV_SERVE_THUMB 192        /* pixels, longer side of a small picture */

#endif
