"""The patterns of a first lesson in Flask-SocketIO. flask_server.py PORT"""

import sys
from html import escape

from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO, disconnect, emit, join_room, leave_room, send

app = Flask(__name__)
socketio = SocketIO(app)


def say(*words):
    print(*words, flush=True)


@socketio.on('connect')
def came(auth):
    if (auth or {}).get('token') == 'bad':
        raise ConnectionRefusedError('who are you?')
    say('came')
    emit('response', {'data': 'you are in'})


@socketio.on('message')
def heard(data):
    say('heard', data)
    emit('response', {'data': f'Echo: {data}'})


@socketio.on('broadcast')
def broadcast(data):
    emit('broadcast', data, broadcast=True)


@socketio.on('to the others')
def to_the_others(data):
    emit('broadcast', data, broadcast=True, include_self=False)


@socketio.on('join')
def join(data):
    join_room(data['room'])
    send(f'somebody joined {data["room"]}', to=data['room'])


@socketio.on('leave')
def leave(data):
    leave_room(data['room'])
    send(f'somebody left {data["room"]}', to=data['room'])
    return 'left', data['room']


@socketio.on('room_message')
def room_message(data):
    emit('message', data['message'], to=data['room'])


@socketio.on('who am I')
def who_am_i():
    emit('you', {'is a text': isinstance(request.sid, str)}, to=request.sid)


@socketio.on('ping')
def ping():
    emit('pong')


@socketio.on('save')
def save(data):
    if not isinstance(data, dict) or 'type' not in data:
        return {'error': 'no type'}
    return {'saved': escape(data['text'])}


@socketio.on('bytes')
def take(data):
    return data[::-1], len(data)


@socketio.on('line')
def line(number):
    emit('line', number)


@socketio.on('go away')
def go_away():
    disconnect()


@socketio.on('message', namespace='/chat')
def chat(data):
    send(f'chat: {data}', broadcast=True)


@socketio.on('connect', namespace='/chat')
def chat_came():
    send('this is the chat')


@socketio.on('disconnect')
def left():
    say('left')


socketio.run(app, host='127.0.0.1', port=int(sys.argv[1]))
